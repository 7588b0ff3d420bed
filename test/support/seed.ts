/**
 * Property tests try the same cases every time, so that a change is what turns them red;
 * ONBOARD_TEST_SEED tries others.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env['ONBOARD_TEST_SEED'] ?? 629514887) })
