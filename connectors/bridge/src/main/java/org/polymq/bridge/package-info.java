/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Bridges: topics that are kept in step with another broker.
 *
 * <pre>
 *  log --subscription--&gt; OutLink --&gt; Sender   --&gt; remote       acknowledged here when the remote has acknowledged
 *  log &lt;--transaction--- InLink  &lt;-- Receiver &lt;-- remote       acknowledged there when it is stored here
 * </pre>
 *
 * <p>Each entry of a bridge's topic lists is one link: a thread, a connection and an order of its own. What speaks a
 * remote's protocol is behind {@link org.polymq.bridge.remote}.
 */
@NullMarked
package org.polymq.bridge;

import org.jspecify.annotations.NullMarked;
