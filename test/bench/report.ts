/** One line of the table. A line without a target is shown for comparison. */
export interface Line {
  readonly what: string
  /** `1.23 ms`; null: not measured. */
  readonly figure: string | null
  readonly against?: string
  readonly ratio?: number
  /** `≤ 1.5 ×` */
  readonly target?: string
  readonly met?: boolean
  /** Why it was not measured, or what to know of it. */
  readonly note?: string
}

export interface Section {
  readonly title: string
  readonly lines: readonly Line[]
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`

const bound = (sign: '≤' | '≥', limit: number, unit: string): string => `${sign} ${limit} ${unit}`

/** A line whose target is a ratio to something measured beside it. */
export function ratioLine(
  what: string, value: number, against: string, other: number, limit: number, sign: '≤' | '≥' = '≤',
): Line {
  const ratio = sign === '≤' ? value / other : other / value
  return {
    what, figure: ms(value), against: `${against}: ${ms(other)}`, ratio, target: bound(sign, limit, '×'),
    met: sign === '≤' ? ratio <= limit : ratio >= limit,
  }
}

/** A line whose target is a figure of its own. */
export function limitLine(what: string, value: number, limit: number, unit: string): Line {
  const figure = `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`
  return { what, figure, target: bound('≤', limit, unit), met: value <= limit }
}

const HEADS = ['what', 'figure', 'ratio', 'target', 'met', 'against']

/** The sections as Markdown tables with aligned columns. */
export function render(sections: readonly Section[]): string {
  return sections.map(({ title, lines }) => {
    const rows = lines.map(({ what, figure, ratio, target = '', met, against, note }) => [
      what, figure ?? '–', ratio === undefined ? '' : `${ratio.toFixed(2)} ×`, target,
      met === undefined ? '' : met ? 'yes' : 'NO', [against, note].filter((one) => one !== undefined).join('; '),
    ])
    const widths = HEADS.map((head, n) => Math.max(head.length, ...rows.map((row) => (row[n] as string).length)))
    const written = (row: readonly string[]): string => (
      `| ${row.map((cell, n) => cell.padEnd(widths[n] as number)).join(' | ')} |`
    )
    const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
    return [`### ${title}`, '', written(HEADS), rule, ...rows.map(written)].join('\n')
  }).join('\n\n')
}
