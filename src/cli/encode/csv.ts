/** One record of RFC 4180, with its line break. A field that a spreadsheet would take for a formula is led by `'`. */
export function csv(fields: readonly (string | number | null)[]): string {
  return fields.map(field).join(',') + '\r\n'
}

function field(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // Spreadsheets skip leading blanks and act on what follows; full-width forms count as well.
  const guarded = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/.test(value) ? `'${value}` : value
  return `"${guarded.replaceAll('"', '""')}"`
}
