/**
 * What is wrong with a key that is the rest of a text: in `{ text: 5,000 users }` the text is 5.
 * undefined: it is a name.
 */
export function cutByComma(key: string): string | undefined {
  return /[^\w-]|^[-\d]/.test(key) ? ': in { } a comma ends a value, so write quotes around it' : undefined
}

interface Trap {
  readonly message: string
  readonly meant: 'boolean' | 'number' | 'text'
}

/** What a plain word or number is in YAML 1.1 and not in YAML 1.2, which is read here; undefined where they agree. */
export function trap(source: string): Trap | undefined {
  const word = source.trim()
  if (/^(?:yes|on|y)$/i.test(word)) return { meant: 'boolean', message: `${word} is a text in YAML 1.2: write true` }
  if (/^(?:no|off|n)$/i.test(word)) return { meant: 'boolean', message: `${word} is a text in YAML 1.2: write false` }
  if (/^[-+]?0\d+$/.test(word)) {
    const number = Number(word)
    const message = `${word} would be the number ${number} in YAML 1.2 and another in 1.1: `
      + `write ${number}, or "${word}" in quotes for a text`
    return { meant: 'number', message }
  }
  if (/^[-+]?\d+(?::[0-5]?\d)+$/.test(word)) {
    const message = `${word} is a text in YAML 1.2, not a number of minutes or seconds: write the number out`
    return { meant: 'number', message }
  }
  if (/^[-+]?\d[\d_]*_[\d_]*$/.test(word)) {
    return { meant: 'number', message: `${word} is a text in YAML 1.2: write ${word.replaceAll('_', '')}` }
  }
  return undefined
}
