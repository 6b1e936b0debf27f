// Sends events to Coalition and listens for what became of them, with Confluent's client.
import { randomUUID } from "node:crypto";
import confluent from "@confluentinc/kafka-javascript";

const { Kafka, logLevel } = confluent.KafkaJS;
const INBOX = "coalition.membership.inbox.v1";
const EVENTS = "coalition.membership.events.v1";
const REJECTED = "coalition.membership.rejected.v1";
const RUN = `example-${randomUUID().slice(0, 13)}`;
const SOURCE = `urn:${RUN}`;
const brokers = (process.env.COALITION_KAFKA ?? "127.0.0.1:19092").split(",");
const kafka = new Kafka({ kafkaJS: { brokers, logLevel: logLevel.NOTHING } });

/** An event in CloudEvents' binary mode, keyed by what must stay in order. */
function event(id: string, name: string, data: object) {
  return {
    key: RUN,
    value: JSON.stringify(data),
    headers: {
      ce_specversion: "1.0",
      ce_id: id,
      ce_source: SOURCE,
      ce_type: `coalition.membership.${name}.v1`,
      "content-type": "application/json",
    },
  };
}

async function send(): Promise<void> {
  const member = { name: RUN, country: "DE", kind: "city" };
  const signed = { coalition: RUN, member, signed: "2016-05" };
  const producer = kafka.producer({ kafkaJS: { acks: -1, idempotent: true } });
  await producer.connect();
  await producer.send({
    topic: INBOX,
    messages: [
      event("1", "CoalitionFounded", { coalition: RUN, name: "An example" }),
      event("2", "CitySigned", signed),
      event("2", "CitySigned", signed), // as after a crash of ours: it is decided once
      event("3", "CitySigned", { coalition: RUN, member }),
    ],
  });
  await producer.disconnect();
}

/** Listens until all is known of what we sent; what was seen is known by its id. */
async function listen(): Promise<void> {
  const seen = new Set<string>();
  const published = new Map<string, string[]>();
  let refused = "";
  const consumer = kafka.consumer({
    kafkaJS: { groupId: RUN, fromBeginning: true, autoCommit: false, readUncommitted: false },
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [EVENTS, REJECTED] });
  await new Promise<void>((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer in two minutes")), 120_000).unref();
    void consumer.run({
      eachMessage: async ({ topic, message }) => {
        const header = (name: string): string => String(message.headers?.[name] ?? "");
        if (topic === REJECTED && header("ce_source") === SOURCE) {
          const why = `${header("coalition-rejected-code")}: ${header("coalition-rejected-reason")}`;
          refused = `${header("ce_id")} ${why}`;
        } else if (header("ce_causesource") === SOURCE && !seen.has(header("ce_id"))) {
          seen.add(header("ce_id"));
          const cause = header("ce_causeid");
          const name = header("ce_type").split(".")[2]!;
          published.set(cause, [...(published.get(cause) ?? []), name]);
        }
        if (published.size > 1 && refused) resolve();
      },
    });
  });
  await consumer.disconnect();
  console.log("accepted   1", published.get("1")![0]);
  console.log("accepted   2", published.get("2")![0]);
  if (published.get("2")!.length === 1) console.log("duplicate  2 was published once");
  console.log("rejected  ", refused);
}

await send();
await listen();
