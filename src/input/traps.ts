/** What is wrong with a key that is the rest of a text: in `{ text: 5,000 users }` the text is 5; undefined: it is a name. */
export function cutByComma(key: string): string | undefined {
  return /[^\w-]|^[-\d]/.test(key) ? ': in { } a comma ends a value, so write quotes around it' : undefined
}

/** What a plain word or number is in YAML 1.1 and not in YAML 1.2, which is read here; undefined where they agree. */
export function trap(source: string): { readonly message: string; readonly meant: 'boolean' | 'number' | 'text' } | undefined {
  const word = source.trim()
  if (/^(?:yes|on|y)$/i.test(word)) return { meant: 'boolean', message: `${word} is a text in YAML 1.2: write true` }
  if (/^(?:no|off|n)$/i.test(word)) return { meant: 'boolean', message: `${word} is a text in YAML 1.2: write false` }
  if (/^[-+]?0\d+$/.test(word)) {
    return { meant: 'number', message: `${word} would be the number ${Number(word)} in YAML 1.2 and another in 1.1: write ${Number(word)}, or "${word}" in quotes for a text` }
  }
  if (/^[-+]?\d+(?::[0-5]?\d)+$/.test(word)) {
    return {
      meant: 'number',
      message: `${word} is a text in YAML 1.2, not a number of minutes or seconds: write the number out`,
    }
  }
  if (/^[-+]?\d[\d_]*_[\d_]*$/.test(word)) {
    return { meant: 'number', message: `${word} is a text in YAML 1.2: write ${word.replaceAll('_', '')}` }
  }
  return undefined
}
