/* SPDX-License-Identifier: Apache-2.0 */
/** What a bridge needs of another broker, whatever its protocol. */
@NullMarked
package org.polymq.bridge.remote;

import org.jspecify.annotations.NullMarked;
