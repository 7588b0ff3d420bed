/** `npm run test:kill -- --times N`: the kill tests with N random moments in place of 200, and so many more sequences of the lock-out test. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { times: { type: 'string', default: '200' } } })
if (!/^[1-9]\d*$/.test(values.times)) {
  process.stderr.write('--times takes a whole number: npm run test:kill -- --times 10000\n')
  process.exit(2)
}
// 1 s for each moment is several times what one takes.
const budget = String(Math.max(1_800_000, Number(values.times) * 1_000))
const { status } = spawnSync('vitest', ['run', 'test/kill', 'test/gateway/lock-out'], {
  stdio: 'inherit',
  env: { ...process.env, ONBOARD_KILL_TIMES: values.times, ONBOARD_KILL_BUDGET_MS: budget },
})
process.exit(status ?? 1)
