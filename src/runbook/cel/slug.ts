/** Letters, digits and hyphens of a name: `Acme Industrial GmbH` → `acme-industrial-gmbh`. */
export function slugOf(text: string): string {
  const plain = text.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, 63).replace(/-+$/, '')
}
