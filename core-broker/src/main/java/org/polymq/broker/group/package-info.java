/* SPDX-License-Identifier: Apache-2.0 */
/** Native consumer groups and their offsets. */
@NullMarked
package org.polymq.broker.group;

import org.jspecify.annotations.NullMarked;
