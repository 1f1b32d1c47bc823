/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Listeners: who may connect, which protocol a connection speaks, and what happens to bad input.
 *
 * <pre>
 * accept -> Admission (limits) -> Detector (first bytes, deadline) -> Protocol.install -> Handshake.complete
 *                 | refused             | no protocol                        | BadInput.close
 *                 v                     v                                    v
 *              counted          counted, one log line, closed       counted, one log line, closed
 * </pre>
 */
@NullMarked
package org.polymq.broker.net;

import org.jspecify.annotations.NullMarked;
