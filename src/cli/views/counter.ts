import type { Io } from '../output.ts'

/** Not more often, in milliseconds. */
const EVERY = 100

/** Says on stderr of a terminal how many of very many are done; takes its line away when all are. */
export function createCounter({ stderr, env }: Io, what: string): (done: number, of: number) => void {
  if (stderr.isTTY !== true || env['TERM'] === 'dumb' || env['CI']) return () => undefined
  const number = new Intl.NumberFormat('en')
  let next = performance.now() + EVERY
  return (done, of) => {
    if (done >= of) return void stderr.write('\r\u001b[K')
    if (performance.now() < next) return
    next = performance.now() + EVERY
    stderr.write(`\r\u001b[K${what}: ${number.format(done)} of ${number.format(of)}`)
  }
}
