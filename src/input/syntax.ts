import { escaped } from './unsafe.ts'

/** What the YAML parser's complaints mean to someone who writes a handoff, and how to mend them; by its code. */
const SAID: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag',
  BAD_ALIAS: 'a text that begins with * must be quoted',
  BAD_DIRECTIVE: 'lines that begin with % are not read; quote a text that begins with %',
  BAD_DQ_ESCAPE: 'unknown escape in a double-quoted text: write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'this line is not indented like its neighbours',
  BAD_SCALAR_START: 'a text that begins with this character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " in one line: quote the text that contains it',
  BLOCK_IN_FLOW: 'inside brackets, quote a text that contains ": ", and give a mapping braces of its own',
  DUPLICATE_KEY: 'duplicate key',
  IMPOSSIBLE: 'this cannot be read as YAML',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a ":" or a closing quote missing above?',
  MULTIPLE_ANCHORS: 'more than one anchor (&name) on a value',
  MULTIPLE_TAGS: 'more than one tag (!name) on a value',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'nested too deeply to be read',
  TAG_RESOLVE_FAILED: 'tags are not read; quote a text that begins with "!"',
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
}

/** One sentence about a syntax error; where the code says too little, the parser's own words, made safe to print. */
export function syntaxMessage(code: string, message: string): string {
  const own = SAID[code]
  if (own !== undefined) return own
  const [first = ''] = message.split('\n')
  if (code === 'MISSING_CHAR' && /quote/.test(first)) return 'a quoted text does not end: its closing quote is missing'
  if (/at node end/.test(first)) return 'a value has ended before this; is a quote or a comma missing?'
  return `not readable as YAML: ${escaped(first.slice(0, 160)).replace(/^./, (letter) => letter.toLowerCase())}`
}
