/* SPDX-License-Identifier: Apache-2.0 */
/** What was sent, acknowledged and received, kept at the clients' side, and the judgement over it. */
@NullMarked
package org.polymq.tck.ledger;

import org.jspecify.annotations.NullMarked;
