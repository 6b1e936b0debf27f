import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends events to Coalition and listens for what became of them, with Apache Kafka's own client. */
public class Example {
    static final String INBOX = "coalition.membership.inbox.v1";
    static final String EVENTS = "coalition.membership.events.v1";
    static final String REJECTED = "coalition.membership.rejected.v1";

    final String run = "example-" + Long.toHexString(System.nanoTime());
    final String source = "urn:" + run;
    final Set<String> seen = new HashSet<>();
    final Map<String, List<String>> published = new HashMap<>();
    String refused;

    public static void main(String[] arguments) throws Exception {
        new Example().run();
    }

    void run() throws Exception {
        Instant begun = Instant.now();
        send();
        listen(begun.minusSeconds(60));
        System.out.println("accepted   1 " + published.get("1").get(0));
        System.out.println("accepted   2 " + published.get("2").get(0));
        if (published.get("2").size() == 1) {
            System.out.println("duplicate  2 was published once");
        }
        System.out.println("rejected   " + refused);
    }

    void send() throws Exception {
        Properties settings = settings();
        settings.put("acks", "all");
        settings.put("enable.idempotence", "true");
        String coalition = "\"coalition\": \"" + run + "\"";
        String member = "\"member\": {\"name\": \"" + run + "\", \"country\": \"DE\", \"kind\": \"city\"}";
        String founded = "{" + coalition + ", \"name\": \"An example\"}";
        String signed = "{" + coalition + ", " + member + ", \"signed\": \"2016-05\"}";
        String undated = "{" + coalition + ", " + member + "}";
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(event("1", "CoalitionFounded", founded)).get();
            producer.send(event("2", "CitySigned", signed)).get();
            // As after a crash of ours: it is decided once.
            producer.send(event("2", "CitySigned", signed)).get();
            producer.send(event("3", "CitySigned", undated)).get();
        }
    }

    /** An event in CloudEvents' binary mode, keyed by what must stay in order. */
    ProducerRecord<String, String> event(String id, String name, String data) {
        var record = new ProducerRecord<>(INBOX, run, data);
        Map.of(
                "ce_specversion", "1.0",
                "ce_id", id,
                "ce_source", source,
                "ce_type", "coalition.membership." + name + ".v1",
                "content-type", "application/json")
            .forEach((key, value) -> record.headers().add(key, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    void listen(Instant from) {
        Properties settings = settings();
        settings.put("isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = List.of(EVENTS, REJECTED).stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(one -> new TopicPartition(one.topic(), one.partition()))
                .collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            var since = partitions.stream().collect(Collectors.toMap(one -> one, one -> from.toEpochMilli()));
            consumer.offsetsForTimes(since).forEach((partition, found) -> {
                if (found != null) {
                    consumer.seek(partition, found.offset());
                }
            });
            Instant end = Instant.now().plusSeconds(120);
            while (published.size() < 2 || refused == null) {
                if (Instant.now().isAfter(end)) {
                    throw new IllegalStateException("no answer in two minutes");
                }
                consumer.poll(Duration.ofSeconds(1)).forEach(this::take);
            }
        }
    }

    /** It knows what it has seen by its id: after a crash a service may publish an event again. */
    void take(ConsumerRecord<String, String> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        if (record.topic().equals(REJECTED) && source.equals(headers.get("ce_source"))) {
            refused = headers.get("ce_id") + " " + headers.get("coalition-rejected-code") + ": "
                + headers.get("coalition-rejected-reason");
        } else if (source.equals(headers.get("ce_causesource")) && seen.add(headers.get("ce_id"))) {
            String name = headers.get("ce_type").split("\\.")[2];
            published.computeIfAbsent(headers.get("ce_causeid"), cause -> new ArrayList<>()).add(name);
        }
    }

    static Properties settings() {
        Properties settings = new Properties();
        String bootstrap = System.getenv().getOrDefault("COALITION_KAFKA", "127.0.0.1:19092");
        settings.put("bootstrap.servers", bootstrap);
        return settings;
    }
}
