/** What is read ahead of many onboardings is what one look reads of each, but for what no status reads. */
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Entry } from '../../src/engine/ports.ts'
import { append } from '../../src/journal/append.ts'
import { readJournal } from '../../src/journal/entries.ts'
import { readingAhead } from '../../src/journal/read-ahead.ts'
import type { Json } from '../../src/model.ts'
import { testDatabase } from '../support/database.ts'

const NASTY = ['plain', 'a\tb\nc\r', '\u2028 Zoë 東京 \u{1f600}', 'x"},"entry":{"a":1},"kind":"done","key":["p","s",""],"session_user":"y', '\\', "'; --"]
let app: Client

beforeAll(async () => {
  const database = await testDatabase({ simulated: '2026-12-07T09:00:00Z' })
  app = await database.connect('app')
})
afterAll(async () => {
  await app.end()
})

async function chainOf(entries: readonly Entry[]): Promise<string> {
  const id = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  for (const entry of entries) await append(app, id, entry)
  return id
}

test('whatever texts stand in it, and whatever of it was erased', async () => {
  const evidence = (result: string): Json => ({ result, summary: 's', data: NASTY })
  const chains = [await chainOf([]), await chainOf(NASTY.flatMap((text, n): Entry[] => [
    { kind: 'accepted', key: null, run: null, facts: { text, at: 'x', kind: text }, detail: { reason: text } },
    { kind: 'done', key: { phase: 'p', step: `s${n}`, instance: text }, run: crypto.randomUUID(), facts: { [text]: text, kind: { kind: text } }, detail: { outputs: { [text]: [text] }, change: { text } } },
    { kind: 'probed', key: { phase: 'p', step: 'q', instance: '' }, run: null, facts: { result: 'fail' }, detail: { evidence: evidence('fail'), by: text } },
    { kind: 'probed', key: { phase: 'p', step: 'q', instance: '' }, run: null, facts: { result: 'pass' }, detail: { evidence: evidence('pass'), answer: text } },
  ]))]
  await app.query(`SELECT onboard.erase($1, 1, 'reason'), onboard.erase($1, 4, 'answer')`, [chains[1]])
  // More of them than are read at once, so that the next are asked for while these are looked at.
  for (let n = 0; n < 40; n++) chains.push(await chainOf([{ kind: 'opened', key: null, run: null, facts: { n }, detail: {} }]))
  const ahead = readingAhead(app, chains, new Map())
  for (const chain of chains) {
    const whole = await readJournal(app, chain, 'whole')
    const { found, look } = await ahead(chain)
    expect(found).toBeUndefined() // there is a journal alone
    expect(look.now).toBe(whole.now)
    expect(look.entries).toEqual(whole.entries.map((entry) => ({
      ...entry, run: null, hash: '', session_user: '',
      detail: Object.fromEntries(Object.entries(entry.detail).filter(([name, value]) => !['change', 'by'].includes(name) && (name !== 'evidence' || (value as { result?: Json }).result === 'fail'))),
    })))
  }
  expect((await ahead(chains[1] ?? '')).look.entries.slice(0, 5).map(({ erased }) => erased)).toEqual([['reason'], [], [], ['answer'], []])
})
