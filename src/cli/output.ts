import { githubLine } from './encode/github.ts'
import { terminal } from './encode/terminal.ts'
import { type Look, type Piece, type Styled } from './style.ts'
import { width } from './width.ts'

/** Where bytes go. The process has one; the demo and the tests bring their own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

export interface Sink {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Escape codes to put before and after; undefined = no colours. */
export type Paint = (look: Look, text: string) => string

/** What a view writes to: data to stdout, messages to stderr, everything escaped for the terminal. */
export interface Output {
  /** Columns to lay out for. */
  readonly width: number
  /** One line of data. A line break inside a string is shown as `\n`: call again for another line. */
  line(...pieces: Piece[]): void
  /** One line of message. */
  note(...pieces: Piece[]): void
  /** Rows of cells in columns, aligned left; the last column is not padded. */
  table(rows: readonly (readonly Piece[])[], options?: { readonly indent?: number; readonly head?: boolean }): void
  /**
   * An instant (ISO 8601) as a clock on the wall of the workspace's time zone shows it: `2026-03-02 09:30`,
   * with seconds where asked.
   */
  time(instant: string, seconds?: boolean): string
  /** Bytes for programs, exactly as they are. */
  raw(text: string): void
}

/** `paint` for each stream: the one may be a terminal and the other a file. */
export function createOutput(
  io: Io, paint: { readonly out?: Paint | undefined; readonly err?: Paint | undefined },
  zone: () => string = () => 'UTC',
): Output {
  // In a GitHub job every line is read for workflow commands; ours come from the encoder of that name alone.
  const guard = io.env['GITHUB_ACTIONS'] === 'true' ? githubLine : (line: string) => line
  const output: Output = {
    width: Math.max(40, Math.min(io.stdout.columns ?? 100, 140)),
    line: (...pieces) => void io.stdout.write(guard(render(pieces, paint.out).trimEnd()) + '\n'),
    note: (...pieces) => void io.stderr.write(guard(render(pieces, paint.err).trimEnd()) + '\n'),
    raw: (text) => void io.stdout.write(text),
    time: (instant, seconds = false) => wallClock(instant, zone(), seconds),
    table(rows, { indent = 0, head = false } = {}) {
      const widths = columnWidths(rows)
      rows.forEach((row, at) => {
        const cells = row.map((cell, column) => {
          const gap = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - lengthOf(cell) + 2)
          return [head && at === 0 ? ({ look: 'dim', pieces: [cell] } satisfies Styled) : cell, gap]
        })
        output.line(' '.repeat(indent), cells)
      })
    },
  }
  return output
}

const wallClocks = new Map<string, Intl.DateTimeFormat>()

function wallClock(instant: string, timeZone: string, seconds: boolean): string {
  const id = `${timeZone} ${seconds}`
  // Making one costs far more than using it. The Swedish form is ISO 8601 with a blank.
  const clock = wallClocks.get(id) ?? new Intl.DateTimeFormat('sv-SE', {
    timeZone, dateStyle: 'short', timeStyle: seconds ? 'medium' : 'short',
  })
  wallClocks.set(id, clock)
  return clock.format(new Date(instant))
}

function columnWidths(rows: readonly (readonly Piece[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell))))
  return widths
}

/** Columns of a piece as it will be shown, without colours. */
export function lengthOf(piece: Piece): number {
  return width(plain(piece))
}

/** A piece as it will be shown, without colours. */
export function plain(piece: Piece): string {
  return render(piece, undefined)
}

/** A piece as it will be shown: every string escaped for the terminal, the looks painted where there is a paint. */
export function render(piece: Piece, paint: Paint | undefined): string {
  if (piece === null || piece === undefined) return ''
  if (typeof piece === 'string') return terminal(piece)
  if (typeof piece === 'number') return String(piece)
  if (isList(piece)) return piece.map((one) => render(one, paint)).join('')
  const inner = render(piece.pieces, paint)
  return paint && inner !== '' ? paint(piece.look, inner) : inner
}

function isList(piece: Styled | readonly Piece[]): piece is readonly Piece[] {
  return Array.isArray(piece)
}
