/** Signs in as the tutorial has its reader do it: `node sign-in.ts ADDRESS NAME [out]`, by Chromium; the password is the name. */
import { chromium } from 'playwright-core'

const [address = '', name = '', out] = process.argv.slice(2)
const executablePath = process.env['ONBOARD_TEST_CHROMIUM'] ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
try {
  const page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(address)
  const offered = page.getByText('Single sign-on', { exact: true })
  if (out !== undefined) await offered.click()
  await page.fill('input[name=username]', name)
  await page.fill('input[name=password]', name)
  await page.press('input[name=password]', 'Enter')
  await page.waitForURL((url) => url.origin === new URL(address).origin)
  console.log(`${name} sees: ${(await page.innerText('h1')).trim()}`)
  if (out !== undefined) {
    await page.getByText('Sign out').click()
    await page.waitForURL(/said=signed-out/)
    console.log(`${name} sees: ${(await page.innerText('h1')).trim()}, signed out`)
  }
} finally {
  await browser.close()
}
