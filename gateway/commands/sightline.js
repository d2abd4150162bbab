#!/usr/bin/env node
// Starts the commands, which are TypeScript.
import { register } from 'tsx/esm/api'

register()
const { run } = await import('./sightline.ts')
await run()
