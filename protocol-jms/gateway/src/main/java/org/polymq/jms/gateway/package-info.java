/* SPDX-License-Identifier: Apache-2.0 */
/** The broker side of the JMS protocol. */
@NullMarked
package org.polymq.jms.gateway;

import org.jspecify.annotations.NullMarked;
