/* SPDX-License-Identifier: Apache-2.0 */
/** The Jakarta Messaging provider that applications use. */
@NullMarked
package org.polymq.jms;

import org.jspecify.annotations.NullMarked;
