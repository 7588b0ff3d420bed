/** What the benches of SCIM send requests with, and the servers in processes of their own that answer them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Pool } from 'undici'

export const AT_ONCE = 8

/** How often a second, by as many at once as there are connections. */
export async function rate(count: number, one: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await one(next++)
    }),
  )
  return count / ((performance.now() - begun) / 1000)
}

/** Milliseconds of each, one after the other. */
export async function times(count: number, one: () => Promise<unknown>): Promise<number[]> {
  for (let n = 0; n < 5; n++) await one()
  const all: number[] = []
  for (let n = 0; n < count; n++) {
    const begun = performance.now()
    await one()
    all.push(performance.now() - begun)
  }
  return all
}

export function client(base: string, token: string) {
  const { origin, pathname } = new URL(base)
  const pool = new Pool(origin, { connections: AT_ONCE })
  return {
    async send(
      method: 'GET' | 'POST' | 'PATCH',
      path: string,
      body?: object,
      wanted?: number,
    ): Promise<Record<string, unknown>> {
      const answer = await pool.request({
        method,
        path: pathname + path,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.body.text()
      if (wanted === undefined ? answer.statusCode >= 300 : answer.statusCode !== wanted)
        throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    },
    close: () => pool.close(),
  }
}

/** A server in a process of its own, which says where it listens; for a line that it is sent it says what it holds. */
export async function child(file: string, args: readonly string[]) {
  const process_ = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]()
  const said = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${file} has ended`)
    return JSON.parse(value) as T
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    said: await said<Record<string, unknown>>(),
    ask<T>(): Promise<T> {
      const answer = turn.then(() => {
        process_.stdin.write('\n')
        return said<T>()
      })
      turn = answer
      return answer
    },
    end: () =>
      new Promise<void>((resolve) => {
        process_.once('exit', () => resolve())
        process_.stdin.end()
      }),
  }
}
