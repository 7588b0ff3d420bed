import type { Reader, Writer } from '../contract.ts'
import { OnboardError } from '../errors.ts'

type Asked = 'exec' | 'http' | 'tls'

/**
 * Gives a step's readers and writer the step's own time limit, which begins now: no program, server, handshake or mail
 * that they wait for outlives it. null: these have only their own limits. What the database is asked has the same
 * limit, by `begin` and `reader`.
 */
export function timeLimit(
  name: string, timeout_ms: number | null,
): <R extends Pick<Reader, Asked> & Partial<Pick<Writer, 'postbox'>>>(reader: R) => R {
  if (timeout_ms === null) return (reader) => reader
  const until = performance.now() + timeout_ms
  const late = (cause?: unknown): OnboardError =>
    new OnboardError(
      'failed', 'step-timeout', `${name}: was not done within its timeout of ${timeout_ms / 1000} s`, { cause },
    )
  const within = <A extends { readonly timeout_ms: number }, T>(
    ask: (asked: A) => Promise<T>, isLate: (answer: T) => boolean,
  ) => async (asked: A): Promise<T> => {
    const left = until - performance.now()
    if (left <= 0) throw late()
    if (asked.timeout_ms <= left) return ask(asked)
    try {
      const answer = await ask({ ...asked, timeout_ms: Math.ceil(left) })
      if (isLate(answer)) throw late()
      return answer
    } catch (error) {
      throw performance.now() >= until ? late(error) : error
    }
  }
  const postboxOf = (postbox: Writer['postbox']): Writer['postbox'] => async () => {
    const box = await postbox()
    return { ...box, send: (letter) => box.send(letter, Math.max(1, Math.ceil(until - performance.now()))) }
  }
  return (reader) => Object.assign(reader, {
    exec: within(reader.exec, (result) => result.timed_out),
    http: within(reader.http, () => false),
    tls: within(reader.tls, () => false),
    ...(reader.postbox === undefined ? {} : { postbox: postboxOf(reader.postbox) }),
  } satisfies Pick<Reader, Asked> & Partial<Pick<Writer, 'postbox'>>)
}
