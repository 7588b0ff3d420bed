/**
 * Changes whenever what is known of an onboarding does: the head of its journal, the runbook it pins, its inputs and
 * its names. Of an onboarding `o` with its customer `c`, its chain `h`, and `i` with the digests of its inputs.
 */
export const STAMP = `md5(concat_ws(' ', encode(h.hash, 'hex'), o.runbook, c.slug, o.name, i.digests, md5(c.company)))`

/** All of them. */
export const STAMPED = `onboard.onboarding o
       JOIN onboard.customer c ON c.id = o.customer
       JOIN onboard.chain h ON h.id = o.id
       LEFT JOIN (SELECT onboarding, md5(string_agg(kind || version || digest, ' ' ORDER BY kind, version)) AS digests
                    FROM onboard.input GROUP BY onboarding) i ON i.onboarding = o.id`
