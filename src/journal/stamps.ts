import type { Client } from 'pg'

/** An onboarding, and what tells whether anything of it has changed. */
export interface Stamped {
  readonly id: string
  /** Changes whenever what is known of it does: the head of its journal, the runbook it pins, its inputs and its names. */
  readonly stamp: string
}

/** Every onboarding, by key. */
export async function stampsOf(client: Client): Promise<readonly Stamped[]> {
  const { rows } = await client.query<Stamped>(
    `SELECT o.id, md5(concat_ws(' ', encode(h.hash, 'hex'), o.runbook, c.slug, o.name, i.digests, md5(c.company))) AS stamp
       FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer JOIN onboard.chain h ON h.id = o.id
       LEFT JOIN (SELECT onboarding, md5(string_agg(kind || version || digest, ' ' ORDER BY kind, version)) AS digests
                    FROM onboard.input GROUP BY onboarding) i ON i.onboarding = o.id
      ORDER BY c.slug COLLATE "C", o.name COLLATE "C"`)
  return rows
}
