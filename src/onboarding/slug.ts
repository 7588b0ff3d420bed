/** Slugs: the short names of customers in commands and addresses. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Words that stand where a customer's name may stand in a command, now or in one that is planned. */
const COMMAND_WORDS = `
  accept action add adopt all apply approve assign attach audit backup cancel check check-in checkpoint clock close
  contact customer db default demo diagnose diff discovery docs doctor document drift erase evidence export functions
  go-live graph handoff help history hold hypercare import info init issue latency lint list log mail me migrate mine
  move new none onboard plan provision purge rate-limit reissue reject release remind remove rename render reschedule
  resolve restore resume revise revoke rollback rotate rules runbook runs schedule scim secret serve set show sign sql
  sso start status stop tasks template templates test trust undo unlock update upgrade url user users validate verify
  version waive waivers watch whoami
`
export const RESERVED: ReadonlySet<string> = new Set(COMMAND_WORDS.split(/\s+/).filter((word) => word !== ''))

/** Latin letters that Unicode does not take apart into a base letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i', ŋ: 'n', ſ: 's', ŧ: 't', ƒ: 'f',
  ə: 'e', ɛ: 'e', ɔ: 'o',
}

/**
 * A slug from a company's name in Latin script, with whatever marks; null where the name has letters of another script,
 * whose spelling in Latin is the company's to choose, or none at all.
 */
export function deriveSlug(name: string): string | null {
  const lower = name.normalize('NFKD').toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const latin = [...lower].map((letter) => LETTERS[letter] ?? letter).join('')
    .replaceAll(/[’'`.]/g, '').replaceAll('&', ' and ')
  if (/[^\p{ASCII}]/u.test(latin.replaceAll(/[^\p{L}\p{N}]/gu, ''))) return null
  const slug = latin.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 63).replace(/-+$/, '')
  return slug === '' ? null : slug
}
