/** `sightline policy …`: the gates that a change of what is shared passes before it is live. */
import { Command } from 'commander'
import { policyApproveCommand } from './policy-approve.ts'
import { policyCheckCommand } from './policy-check.ts'
import { policyDiffCommand } from './policy-diff.ts'
import { proveCommand } from './policy-prove.ts'
import { policyReplayCommand } from './policy-replay.ts'
import { policyTestCommand } from './policy-test.ts'

export const policyCommand = () =>
  new Command('policy')
    .description('read, test and prove what the policies share')
    .addCommand(policyCheckCommand())
    .addCommand(policyTestCommand())
    .addCommand(proveCommand())
    .addCommand(policyDiffCommand())
    .addCommand(policyReplayCommand())
    .addCommand(policyApproveCommand())
