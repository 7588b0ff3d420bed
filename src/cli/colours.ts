import type { Io, Paint, Sink } from './output.ts'

/** How to colour each stream; undefined where colours are unwanted: `--no-color`, NO_COLOR, dumb, not a terminal. */
export async function colours(io: Io, refused: boolean): Promise<{ out: Paint | undefined; err: Paint | undefined }> {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env
  const none = { out: undefined, err: undefined }
  if (refused || (NO_COLOR !== undefined && NO_COLOR !== '')) return none
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0' && FORCE_COLOR !== ''
  const wants = (sink: Sink) => forced || (sink.isTTY === true && TERM !== 'dumb')
  if (!wants(io.stdout) && !wants(io.stderr)) return none
  // Loaded only where something is coloured.
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  const paint: Paint = (look, text) => chalk[look](text)
  return { out: wants(io.stdout) ? paint : undefined, err: wants(io.stderr) ? paint : undefined }
}
