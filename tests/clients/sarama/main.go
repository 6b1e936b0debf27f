// Sends records with sarama, whose header names are bytes: JSON lines on standard input.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"github.com/IBM/sarama"
)

type header struct {
	Name  []byte
	Value []byte
}

type record struct {
	Key     []byte
	Value   []byte
	Headers []header
}

func main() {
	address, topic, codec := os.Args[1], os.Args[2], os.Args[3]
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = sarama.NewHashPartitioner
	if err := config.Producer.Compression.UnmarshalText([]byte(codec)); err != nil {
		log.Fatal(err)
	}
	// All of them in one batch.
	config.Producer.Flush.Messages = 1000
	config.Producer.Flush.Frequency = 500_000_000

	producer, err := sarama.NewSyncProducer([]string{address}, config)
	if err != nil {
		log.Fatal(err)
	}
	var messages []*sarama.ProducerMessage
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64*1024*1024)
	for lines.Scan() {
		var one record
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			log.Fatal(err)
		}
		message := &sarama.ProducerMessage{Topic: topic}
		if one.Key != nil {
			message.Key = sarama.ByteEncoder(one.Key)
		}
		if one.Value != nil {
			message.Value = sarama.ByteEncoder(one.Value)
		}
		for _, h := range one.Headers {
			message.Headers = append(message.Headers, sarama.RecordHeader{Key: h.Name, Value: h.Value})
		}
		messages = append(messages, message)
	}
	if err := producer.SendMessages(messages); err != nil {
		log.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		log.Fatal(err)
	}
}
