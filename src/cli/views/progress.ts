import { keyText } from '../../engine/keys.ts'
import type { RunEvent } from '../../engine/ports.ts'
import { terminal } from '../encode/terminal.ts'
import type { Io } from '../output.ts'
import { clip } from './value.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Shows on stderr that work goes on: one moving line on a terminal, nothing but retries off it. */
export interface Progress {
  on(event: RunEvent): void
  /** Takes the moving line away, so that something else can be written. */
  clear(): void
  end(): void
}

export function createProgress(io: Io): Progress {
  const moving = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb' && !io.env['CI']
  let text = ''
  let frame = 0
  let timer: NodeJS.Timeout | undefined
  const clear = () => void (moving && text !== '' && io.stderr.write('\r\u001b[K'))
  const draw = () => {
    frame = (frame + 1) % FRAMES.length
    const room = (io.stderr.columns ?? 80) - 4
    io.stderr.write(`\r\u001b[K${FRAMES[frame]} ${terminal(clip(text, room))}`)
  }
  const end = () => {
    clearInterval(timer)
    clear()
    text = ''
  }
  return {
    clear,
    end,
    on(event) {
      if (event.type === 'step.retried') {
        clear()
        const failed = `${terminal(keyText(event.key))}: try ${event.attempt} failed`
        io.stderr.write(`${failed}, trying again: ${terminal(event.reason)}\n`)
      }
      if (!moving) return
      if (event.type === 'step.ended') return end()
      if (event.type === 'step.started') text = `${keyText(event.key)}  ${event.title}`
      clearInterval(timer)
      timer = setInterval(draw, 90).unref()
    },
  }
}
