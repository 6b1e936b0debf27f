package bench;

import static org.apache.kafka.streams.StreamsConfig.*;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The job of plans in Kafka Streams: hold ten commitments of a member, update one, emit. */
public final class Updates {
  private static final String STORE = "commitments";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Arguments: bootstrap servers, application id, topic in, topic out, folder for the state. */
  public static void main(String[] arguments) {
    Properties settings = new Properties();
    settings.put(BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(APPLICATION_ID_CONFIG, arguments[1]);
    settings.put(STATE_DIR_CONFIG, arguments[4]);
    settings.put(PROCESSING_GUARANTEE_CONFIG, EXACTLY_ONCE_V2);
    settings.put(REPLICATION_FACTOR_CONFIG, 1);
    settings.put(consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    Topology topology = new Topology();
    topology.addSource(
        "in", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), arguments[2]);
    topology.addProcessor("update", Update::new, "in");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray()),
        "update");
    topology.addSink(
        "out",
        arguments[3],
        Serdes.String().serializer(),
        Serdes.ByteArray().serializer(),
        "update");
    KafkaStreams streams = new KafkaStreams(topology, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private static final class Update implements Processor<String, byte[], String, byte[]> {
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      context = given;
      store = given.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> told) {
      try {
        ObjectNode event = (ObjectNode) JSON.readTree(told.value());
        byte[] known = store.get(told.key());
        ObjectNode member = known == null ? opened(told.key()) : (ObjectNode) JSON.readTree(known);
        ObjectNode held =
            (ObjectNode) member.get("commitments").get(event.get("point").asInt() - 1);
        event.set("title", held.get("title"));
        event.set("status_before", held.get("status"));
        event.put("coalition", member.get("coalition").asText());
        for (String said : new String[] {"status", "as_of", "note"}) {
          held.set(said, event.get(said));
        }
        store.put(told.key(), JSON.writeValueAsBytes(member));
        context.forward(told.withValue(JSON.writeValueAsBytes(event)));
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }

    private static ObjectNode opened(String id) {
      ObjectNode member = JSON.createObjectNode().put("id", id).put("coalition", "bench");
      for (int point = 1; point <= 10; point++) {
        member
            .withArray("commitments")
            .addObject()
            .put("point", point)
            .put("title", "A commitment")
            .put("status", "not started");
      }
      return member;
    }
  }
}
