// Sends one CloudEvent for each JSON line of standard input, as the CloudEvents SDK for Go does.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

func main() {
	mode, target, ctx := os.Args[1], os.Args[2], context.Background()
	events := read(os.Stdin)
	switch mode {
	case "http-binary", "http-structured":
		for i := range events {
			message := (*binding.EventMessage)(&events[i])
			request, err := http.NewRequest(http.MethodPost, target, nil)
			fail(err)
			if mode == "http-structured" {
				ctx = binding.WithForceStructured(ctx)
			}
			fail(cehttp.WriteRequest(ctx, message, request))
			answer(request)
		}
	case "http-batch":
		request, err := cehttp.NewHTTPRequestFromEvents(ctx, target, events)
		fail(err)
		answer(request)
	case "kafka-binary", "kafka-structured":
		config := sarama.NewConfig()
		config.Version = sarama.V2_8_0_0
		config.Producer.RequiredAcks = sarama.WaitForAll
		sender, err := kafka_sarama.NewSender([]string{target}, config, os.Args[3])
		fail(err)
		defer sender.Close(ctx)
		if mode == "kafka-structured" {
			ctx = binding.WithForceStructured(ctx)
		}
		for i := range events {
			fail(sender.Send(ctx, (*binding.EventMessage)(&events[i])))
		}
	default:
		log.Fatalf("no such mode: %s", mode)
	}
}

func read(from io.Reader) []event.Event {
	events := []event.Event{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 64*1024*1024)
	for lines.Scan() {
		one := event.New()
		fail(json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &one))
		events = append(events, one)
	}
	fail(lines.Err())
	return events
}

// answer prints the status and the body on one line.
func answer(request *http.Request) {
	request.Header.Set("Authorization", os.Getenv("AUTHORIZATION"))
	request.Header.Set("Prefer", "wait=20")
	response, err := http.DefaultClient.Do(request)
	fail(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fail(err)
	fmt.Println(response.StatusCode, string(body))
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
