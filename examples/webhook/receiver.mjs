// Receives events by HTTP: verifies who sent them, takes each once, and shows what has changed.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const verifier = new Webhook(process.env.WEBHOOK_SECRET);
const seen = new Set(); // in a database of yours, so that a restart forgets none
const MOST = 1024 * 1024;

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST) throw new Error("too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8"); // as it was sent: it is signed
}

const server = createServer(async (request, response) => {
  try {
    const event = verifier.verify(await bodyOf(request), request.headers);
    const repeated = seen.has(request.headers["webhook-id"]);
    if (!repeated) {
      seen.add(request.headers["webhook-id"]);
      console.log("received  ", event.type.split(".")[2], event.subject);
    }
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log("listening on", server.address().port);
});
