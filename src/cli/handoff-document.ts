import { compile } from '../documents/template.ts'
import { isObject, type JsonObject } from '../model.ts'
import { completeness } from '../onboarding/completeness.ts'
import { CONTACTS } from '../onboarding/contacts.ts'
import { dateIn } from '../dates.ts'
import type { Context } from './context.ts'
import { shelf } from './documents.ts'

/** The checklist as a document, filled with what an onboarding runs on: how complete it is, and what is missing. */
export async function handoffDocument(context: Context, customer: string): Promise<string> {
  return shelf(context, customer, async ({ handoff, discovery, onboarding, sql, template }) => {
    const head = await sql.one<{ seq: string; hash: string; version: number; given_at: string }>(
      `SELECT c.seq::text AS seq, encode(c.hash, 'hex') AS hash, i.version,
              to_char(i.given_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS given_at
         FROM onboard.chain c JOIN onboard.input i ON i.onboarding = c.id AND i.kind = 'handoff'
        WHERE c.id = $1 ORDER BY i.version DESC LIMIT 1`, [onboarding.id])
    const { completeness: percent, missing } = completeness({ ...handoff, discovery })
    const nobody = Object.fromEntries(CONTACTS.map((name) => [name, []]))
    const contacts = { ...nobody, ...(handoff['contacts'] as JsonObject) }
    const data = { handoff: { ...given(handoff), contacts }, discovery, completeness: { percent, missing } }
    return compile(await template('handoff-checklist')).render(data, {
      name: 'Handoff', version: head?.version ?? 0,
      date: head === undefined ? '' : dateIn(head.given_at, context.timeZone()),
      runbook: `${onboarding.runbook.name} ${onboarding.runbook.version}`,
      journal: `entry ${head?.seq ?? 0}, ${head?.hash.slice(0, 12) ?? ''}`,
    }).text
  })
}

/** Without the texts that stand empty where nothing was given: a template takes an empty one for a mistake. */
function given(object: JsonObject): JsonObject {
  const there = Object.entries(object).filter(([, value]) => value !== '')
  return Object.fromEntries(there.map(([key, value]) => [key, isObject(value) ? given(value) : value]))
}
