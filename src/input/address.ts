import { isIPv4, isIPv6 } from 'node:net'

/** What is wrong with a network in CIDR notation, as the end of a sentence; undefined where nothing is. */
export function wrongCidr(text: string): string | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : 0
  if (bits === 0 || more.length > 0) return 'must be a network such as 203.0.113.0/24'
  if (prefix === undefined) return `lacks the length of its network: write ${address}/${bits} for this one address`
  if (!/^(?:0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bits) return `must end with a length from /0 to /${bits}`
  const value = bits === 32 ? parse4(address) : parse6(address)
  const host = BigInt(bits - Number(prefix))
  const network = (value >> host) << host
  if (network === value) return undefined
  return `names one address inside its network: write ${bits === 32 ? print4(network) : print6(network)}/${prefix}`
}

function parse4(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function print4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
}

function parse6(address: string): bigint {
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (four) => {
    const value = parse4(four)
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
  })
  const [left = '', right] = plain.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const tail = groups(right ?? '')
  const head = groups(left)
  const all = [...head, ...Array<string>(right === undefined ? 0 : 8 - head.length - tail.length).fill('0'), ...tail]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function print6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
