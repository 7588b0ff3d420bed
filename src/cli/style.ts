/** Text with a look. Strings inside it are escaped when they are printed, so data cannot bring escape codes along. */

export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'

export interface Styled {
  readonly look: Look
  readonly pieces: readonly Piece[]
}

/** What a line is made of; null and undefined print nothing. */
export type Piece = string | number | null | undefined | Styled | readonly Piece[]

const as =
  (look: Look) =>
  (...pieces: Piece[]): Styled => ({ look, pieces })

export const bold = as('bold')
export const dim = as('dim')
export const red = as('red')
export const green = as('green')
export const yellow = as('yellow')
export const cyan = as('cyan')
export const magenta = as('magenta')
