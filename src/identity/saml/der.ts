/** DER (X.690): the few forms of which a certificate consists. Node reads certificates and writes none. */
const DAY_2050 = Date.UTC(2050, 0, 1)

/** Tag, length and content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length: number[] = []
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 0x100)) length.unshift(rest % 0x100)
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), body])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts)
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
export const nothing = (): Buffer => der(0x05)
export const yes = (): Buffer => der(0x01, Buffer.from([0xff]))
/** @param unused bits at the end that do not count */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes)
/** `[number]`, constructed. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...parts)

/** A number that is not negative, by its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const start = Math.min(Math.max(bytes.findIndex((one) => one !== 0), 0), bytes.length - 1)
  const significant = bytes.subarray(start)
  return der(0x02, ...((significant[0] ?? 0) & 0x80 ? [Buffer.from([0])] : []), significant)
}

/** @param dotted `2.5.4.3` */
export function oid(dotted: string): Buffer {
  const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = [40 * a + b, ...rest].map((arc) => {
    const bytes = [arc & 0x7f]
    for (let left = Math.floor(arc / 0x80); left > 0; left = Math.floor(left / 0x80)) {
      bytes.unshift(0x80 | (left & 0x7f))
    }
    return Buffer.from(bytes)
  })
  return der(0x06, ...arcs)
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getTime() < DAY_2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}
