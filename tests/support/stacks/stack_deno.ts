// SPDX-License-Identifier: Apache-2.0

// Deno's TLS (rustls) as a client; README.md says how it is asked.

const HELLO = new TextEncoder().encode("hello\n");

async function visit([port, chain, key, , alpn, wait]: string[]) {
  const who = chain === "-"
    ? {}
    : { cert: Deno.readTextFileSync(chain), key: Deno.readTextFileSync(key) };
  const also = alpn === "-" ? {} : { alpnProtocols: [alpn] };
  const end = await Deno.connectTls({ hostname: "127.0.0.1", port: Number(port), ...also, ...who });
  const late = setTimeout(() => end.close(), 5000);
  try {
    await end.handshake();
    await new Promise((done) => setTimeout(done, Number(wait)));
    await end.write(HELLO);
    if (!(await end.read(new Uint8Array(6)))) throw new Error("the server hung up");
  } finally {
    clearTimeout(late);
    end.close();
  }
}

async function main() {
  let rest = "";
  for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      try {
        await visit(line.split("\t"));
        console.log("ok");
      } catch (trouble) {
        console.log("failed", String(trouble));
      }
    }
  }
}

main();
