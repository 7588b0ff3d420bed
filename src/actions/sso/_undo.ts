/** Taking back what was done to a connection. */
import type { Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { JsonObject } from '../../model.ts'
import { moved, type Row, tables } from './_connection.ts'

/** A connection as it was before a change. */
export type Was = {
  readonly id: string
  readonly settings: JsonObject
  readonly mapping: JsonObject | null
  readonly changed: string
}

export const wasOf = (row: Row | null): Was | null =>
  row === null
    ? null
    : { id: row.id, settings: row.settings, mapping: row.mapping as JsonObject | null, changed: row.changed }

/**
 * Takes a connection away. Who was whom by it goes with it, for that says nothing without it; the accounts stay.
 * @throws OnboardError (conflict) where people may still sign in by it
 */
export async function remove(write: Writer, target: string, id: string): Promise<void> {
  const { connections } = tables(write)
  const rows = await write.run(`DELETE FROM ${connections} WHERE id = $1::uuid AND NOT enabled`, [id])
  if (rows === 1) return
  throw new OnboardError(
    'conflict', 'still-enabled', `${target} is switched on: people sign in by it, so it is switched off first`,
  )
}

const textOf = (mapping: object | null): string | null => (mapping === null ? null : JSON.stringify(mapping))

/** Settings and mapping as they were, with the time of their last change: the tests of then count again. */
export async function restore(write: Writer, target: string, was: Was, now: Row): Promise<void> {
  const { connections } = tables(write)
  const rows = await write.run(
    `UPDATE ${connections} SET settings = $2::jsonb, mapping = $3::jsonb, updated_at = $4::timestamptz
      WHERE id = $1::uuid AND settings = $5::jsonb AND mapping IS NOT DISTINCT FROM $6::jsonb`,
    [
      was.id, JSON.stringify(was.settings), textOf(was.mapping), was.changed, JSON.stringify(now.settings),
      textOf(now.mapping),
    ],
  )
  if (rows === 0) throw moved(target)
}
