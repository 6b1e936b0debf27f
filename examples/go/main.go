// Sends events to Coalition and listens for what became of them, with franz-go.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	inbox    = "coalition.membership.inbox.v1"
	events   = "coalition.membership.events.v1"
	rejected = "coalition.membership.rejected.v1"
)

type data = map[string]any

func main() {
	run := fmt.Sprintf("example-%x", time.Now().UnixNano())
	source := "urn:" + run
	bootstrap := os.Getenv("COALITION_KAFKA")
	if bootstrap == "" {
		bootstrap = "127.0.0.1:19092"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	client, err := kgo.NewClient( // by default it is idempotent and waits for all replicas
		kgo.SeedBrokers(strings.Split(bootstrap, ",")...),
		kgo.ConsumeTopics(events, rejected),
		kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(time.Now().Add(-time.Minute).UnixMilli())),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	founded := data{"coalition": run, "name": "An example"}
	member := data{"name": run, "country": "DE", "kind": "city"}
	signed := data{"coalition": run, "member": member, "signed": "2016-05"}
	undated := data{"coalition": run, "member": member}
	send := func(id, name string, body data) *kgo.Record { return record(run, source, id, name, body) }
	if err := client.ProduceSync(ctx,
		send("1", "CoalitionFounded", founded),
		send("2", "CitySigned", signed),
		send("2", "CitySigned", signed), // as after a crash of ours: it is decided once
		send("3", "CitySigned", undated),
	).FirstErr(); err != nil {
		log.Fatal(err) // send it again, under the same ids
	}
	listen(ctx, client, source)
}

// An event in CloudEvents' binary mode, keyed by what must stay in order.
func record(key, source, id, name string, body data) *kgo.Record {
	value, err := json.Marshal(body)
	if err != nil {
		log.Fatal(err)
	}
	return &kgo.Record{Topic: inbox, Key: []byte(key), Value: value, Headers: []kgo.RecordHeader{
		{Key: "ce_specversion", Value: []byte("1.0")},
		{Key: "ce_id", Value: []byte(id)},
		{Key: "ce_source", Value: []byte(source)},
		{Key: "ce_type", Value: []byte("coalition.membership." + name + ".v1")},
		{Key: "content-type", Value: []byte("application/json")},
	}}
}

// Listens until all is known of what we sent. It knows what it has seen by its id: after a crash a
// service may publish an event again.
func listen(ctx context.Context, client *kgo.Client, source string) {
	seen := map[string]bool{}
	published := map[string][]string{}
	refused := ""
	for len(published) < 2 || refused == "" {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			log.Fatal(err)
		}
		for _, one := range fetches.Records() {
			headers := map[string]string{}
			for _, header := range one.Headers {
				headers[header.Key] = string(header.Value)
			}
			switch {
			case one.Topic == rejected && headers["ce_source"] == source:
				refused = fmt.Sprintf("%s %s: %s", headers["ce_id"],
					headers["coalition-rejected-code"], headers["coalition-rejected-reason"])
			case one.Topic == events && headers["ce_causesource"] == source && !seen[headers["ce_id"]]:
				seen[headers["ce_id"]] = true
				cause, name := headers["ce_causeid"], strings.Split(headers["ce_type"], ".")[2]
				published[cause] = append(published[cause], name)
			}
		}
	}
	fmt.Println("accepted   1", published["1"][0])
	fmt.Println("accepted   2", published["2"][0])
	if len(published["2"]) == 1 {
		fmt.Println("duplicate  2 was published once")
	}
	fmt.Println("rejected  ", refused)
}
