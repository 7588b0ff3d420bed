/** Where a login may lead: to pages of its own tenant, so that no link of ours takes anybody elsewhere (CWE-601). */
const LONGEST = 1_000
const ORIGIN = 'https://gateway.invalid'

/** The path, in the form in which it is sent; null: it is none of this tenant's. */
export function ownReturn(tenant: string, wanted: unknown): string | null {
  // A browser reads a backslash as a slash, and leaves out tabs and line ends.
  // oxlint-disable-next-line no-control-regex
  if (typeof wanted !== 'string' || wanted.length > LONGEST || /[\u0000-\u0020\u007f\\]/.test(wanted)) return null
  if (!URL.canParse(wanted, ORIGIN)) return null
  const { origin, pathname, search, hash } = new URL(wanted, ORIGIN)
  return origin === ORIGIN && pathname.startsWith(`/t/${tenant}/`) ? pathname + search + hash : null
}
