// Validates a HAR file from standard input with har-validator, and prints what is wrong with it.
import { text } from "node:stream/consumers";
import { har } from "har-validator/lib/promise.js";

try {
  await har(JSON.parse(await text(process.stdin)));
} catch (e) {
  console.error(e.errors ? e.errors.map((one) => `${one.dataPath} ${one.message}`).join("\n") : e);
  process.exit(1);
}
