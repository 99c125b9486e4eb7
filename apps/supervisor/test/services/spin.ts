// Upper-cases, and loops for ever when a client says so.
import { defineService } from "plait";

export default defineService({
  async connection(conn) {
    for await (const chunk of conn) {
      if (String(chunk) === "spin") {
        console.log("about to parse");
        parse(String(chunk));
      }
      await conn.write(String(chunk).toUpperCase());
    }
  },
});

function parse(text: string): string {
  return nextToken(text);
}

function nextToken(text: string): string {
  return skipSpace(text);
}

function skipSpace(text: string): string {
  for (let at = 0; ; ) if (text[at] === " ") at++;
}
