import { terminal } from './terminal.ts'

/** Text → a quoted string of Graphviz's DOT; a backslash stands for itself, not for an escape. */
export function dot(text: string): string {
  return `"${terminal(text.replaceAll(/\r\n|\n|\r/g, ' ')).replaceAll(/["\\]/g, '\\$&')}"`
}
