/** Statistics of small numbers: shares, waiting counts, quantiles. Pure. */

/** The 95% interval of Wilson's score for a share: it holds for few observations and near 0 and 1 as well. */
export function wilson(part: number, total: number): { readonly low: number; readonly high: number } {
  const z = 1.959963984540054
  const share = part / total
  const centre = share + (z * z) / (2 * total)
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))
  const scale = 1 + (z * z) / total
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) }
}

/**
 * P(X ≥ seen) of what is yet to be counted over `days`, after `before` were counted over `over` days, where the daily
 * rate was thought to be about `mean`: rate ~ Gamma(2, 2/mean), so X is negative binomial.
 */
export function chanceOfAtLeast(seen: number, days: number, before: number, over: number, mean: number): number {
  if (seen <= 0) return 1
  const shape = 2 + before
  const rate = 2 / mean + over
  // Terms of the distribution one after the other, in logarithms: neither a big shape nor a rare count loses digits.
  const stay = Math.log(rate / (rate + days))
  const step = Math.log(days / (rate + days))
  const term = (k: number): number => Math.exp(shape * stay + k * step + logChoices(k, shape))
  let above = 0
  // Summed from the count upwards: 1 − (sum of what is below) would have no digits left of a small chance.
  for (let k = seen, last = 0; ; k++) {
    const one = term(k)
    above += one
    if (k > seen + 10 && (one < above * 1e-15 || one === 0) && one <= last) return Math.min(1, above)
    last = one
  }
}

/** log of Γ(k + shape) / (k! Γ(shape)). */
function logChoices(k: number, shape: number): number {
  return logGamma(k + shape) - logGamma(k + 1) - logGamma(shape)
}

/** log Γ(x) for x > 0: Stirling's series, moved up where it is not exact yet. */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  while (at < 12) shift += Math.log(at++)
  const z = 1 / (at * at)
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / at
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift
}

/** The smallest value that at least this share of all do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/**
 * How fast an error budget is used up: 1 = it lasts exactly as long as it should.
 * @param bad share of what went wrong
 * @param allowed share that may
 */
export function burnRate(bad: number, allowed: number): number {
  return bad / allowed
}

/** Burn rates past which a budget for 14 days is in danger: 2% of it in an hour, 5% in six hours. */
export const BURN_LIMITS = [
  { hours: 1, limit: 6.72 },
  { hours: 6, limit: 2.8 },
] as const
