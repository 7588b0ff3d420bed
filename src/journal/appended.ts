/** The chains that this process appends to: when a command ends, looks at them are kept. */
const chains = new Set<string>()

/** Something is about to be appended to a chain. */
export function appending(chain: string): void {
  chains.add(chain)
}

/** Those since the last call. */
export function takeAppended(): readonly string[] {
  const taken = [...chains]
  chains.clear()
  return taken
}
