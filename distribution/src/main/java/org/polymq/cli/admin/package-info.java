/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The administration commands: {@code polymq NOUN VERB}. They use the admin API and nothing else.
 *
 * <p>A noun is one class with a method for each verb and {@link org.polymq.cli.admin.ApiOptions} as mixin;
 * {@link org.polymq.cli.admin.ApiClient} talks, {@link org.polymq.cli.admin.Printed} shows. To add a noun, add its
 * class to {@code Main}.
 */
@NullMarked
package org.polymq.cli.admin;

import org.jspecify.annotations.NullMarked;
