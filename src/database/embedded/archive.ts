import { createHash } from 'node:crypto'
import fs from 'node:fs'
import type { Readable, Writable } from 'node:stream'

/** First line of an archive. */
export interface Header {
  readonly format: 'onboard-backup'
  readonly version: 1
  /** Data files fit the same system and major version only. */
  readonly platform: string
  readonly arch: string
  readonly server: string
  /** ISO 8601 instant of the machine's clock. */
  readonly created_at: string
  readonly databases: readonly string[]
}

/** A file: its path from the data folder on, with `/`. */
interface Member {
  readonly path: string
  readonly size: number
}

const CHUNK = 1 << 20

/** Writes an archive: header, then of each file a line of JSON and its bytes, then a line with the digest of it all. */
export class ArchiveWriter {
  readonly #out: Writable
  readonly #hash = createHash('sha256')
  files = 0

  constructor(out: Writable) {
    this.#out = out
  }

  async header(header: Header): Promise<void> {
    await this.#line(header)
  }

  /** A file as it is now: what is appended meanwhile is left out, what is cut off meanwhile is zeros. */
  async file(name: string, from: string): Promise<void> {
    const handle = await fs.promises.open(from, 'r')
    try {
      const { size } = await handle.stat()
      await this.#line({ path: name, size } satisfies Member)
      for (let at = 0; at < size; ) {
        const chunk = Buffer.alloc(Math.min(CHUNK, size - at))
        await handle.read(chunk, 0, chunk.length, at)
        await this.#write(chunk)
        at += chunk.length
      }
      this.files++
    } finally {
      await handle.close()
    }
  }

  async bytes(name: string, content: string): Promise<void> {
    const bytes = Buffer.from(content)
    await this.#line({ path: name, size: bytes.length } satisfies Member)
    await this.#write(bytes)
    this.files++
  }

  /** An empty folder. */
  async folder(name: string): Promise<void> {
    await this.#line({ path: `${name}/`, size: 0 } satisfies Member)
  }

  async end(): Promise<string> {
    const sha256 = this.#hash.copy().digest('hex')
    await this.#line({ end: true, sha256 })
    this.#out.end()
    return sha256
  }

  #line(value: object): Promise<void> {
    return this.#write(Buffer.from(`${JSON.stringify(value)}\n`))
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes)
    if (!this.#out.write(bytes)) await new Promise<void>((resolve) => this.#out.once('drain', () => resolve()))
  }
}

interface Sink {
  header(header: Header): Promise<void>
  /** A path that ends in `/` is an empty folder. */
  file(name: string, content: AsyncIterable<Buffer>): Promise<void>
}

/**
 * Reads an archive into a sink and gives its digest.
 * @throws Error where it is none, is cut short, or was changed
 */
export async function readArchive(source: Readable, sink: Sink): Promise<string> {
  const bytes = new Bytes(source)
  await sink.header((await bytes.line()) as Header)
  for (;;) {
    const before = bytes.digest()
    const next = (await bytes.line()) as Partial<Member> & { end?: true; sha256?: string }
    if (next.end) {
      if (next.sha256 !== before) throw new Error('its content is not what was written')
      return before
    }
    if (typeof next.path !== 'string' || !Number.isSafeInteger(next.size)) throw new Error('it is damaged')
    await sink.file(next.path, bytes.take(next.size!))
  }
}

/** A stream read by lines and by lengths. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: Readable) {
    this.#chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  async line(): Promise<unknown> {
    let end: number
    while ((end = this.#rest.indexOf(10)) < 0) {
      if (this.#rest.length > CHUNK) throw new Error('it is no backup of onboard')
      await this.#more()
    }
    return JSON.parse(this.#cut(end + 1).toString('utf8'))
  }

  async *take(size: number): AsyncIterable<Buffer> {
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0) await this.#more()
      const chunk = this.#cut(Math.min(left, this.#rest.length))
      left -= chunk.length
      yield chunk
    }
  }

  #cut(length: number): Buffer {
    const chunk = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    this.#hash.update(chunk)
    return chunk
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next()
    if (done) throw new Error('it ends too early')
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
  }
}
