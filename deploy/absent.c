/*
 * Stands in for libraries that Debian's static libcurl and libpq name, but
 * that nothing here ever uses: Kerberos, LDAP, SSH, RTMP, the list of public
 * suffixes, the forms that zstd had before its first release, host names in other scripts than Latin (they work in their ASCII
 * form, xn--...). The server speaks HTTP and HTTPS only and keeps no cookies,
 * and libpq asks for Kerberos credentials only to learn that there are none.
 * Every function says "failed" as its library does.
 */
#include <stddef.h>

#define FAILS(name)                                                            \
    long name(void);                                                           \
    long name(void)                                                            \
    {                                                                          \
        return -1;                                                             \
    }
#define NOTHING(name)                                                          \
    void *name(void);                                                          \
    void *name(void)                                                           \
    {                                                                          \
        return NULL;                                                           \
    }

/* GSS_S_FAILURE; RFC 2744, section 3.9.1. */
#define DENIED(name)                                                           \
    unsigned name(void);                                                       \
    unsigned name(void)                                                        \
    {                                                                          \
        return 13u << 16;                                                      \
    }

/* libcurl's own start calls these. */
int libssh2_init(void);
int libssh2_init(void)
{
    return 0;
}
NOTHING(libssh2_exit)
const char *libssh2_version(void);
const char *libssh2_version(void)
{
    return "none";
}

extern const void *const GSS_C_NT_HOSTBASED_SERVICE;
const void *const GSS_C_NT_HOSTBASED_SERVICE = NULL;

NOTHING(RTMP_Alloc)
NOTHING(RTMP_Close)
NOTHING(RTMP_Connect1)
NOTHING(RTMP_ConnectStream)
NOTHING(RTMP_Free)
NOTHING(RTMP_Init)
NOTHING(RTMP_Read)
NOTHING(RTMP_SetBufferMS)
NOTHING(RTMP_SetupURL)
NOTHING(RTMP_Write)

FAILS(ber_bvfree)
FAILS(ber_free)
FAILS(ber_memfree)
FAILS(ber_sockbuf_add_io)

DENIED(gss_acquire_cred)
DENIED(gss_delete_sec_context)
DENIED(gss_display_name)
DENIED(gss_display_status)
DENIED(gss_import_name)
DENIED(gss_init_sec_context)
DENIED(gss_inquire_context)
DENIED(gss_release_buffer)
DENIED(gss_release_cred)
DENIED(gss_release_name)
DENIED(gss_unwrap)
DENIED(gss_wrap)
DENIED(gss_wrap_size_limit)

FAILS(ldap_abandon_ext)
FAILS(ldap_count_entries)
NOTHING(ldap_err2string)
FAILS(ldap_first_entry)
FAILS(ldap_free_urldesc)
FAILS(ldap_get_attribute_ber)
FAILS(ldap_get_dn_ber)
FAILS(ldap_get_option)
FAILS(ldap_get_values_len)
NOTHING(ldap_init)
FAILS(ldap_init_fd)
FAILS(ldap_memfree)
FAILS(ldap_msgfree)
FAILS(ldap_msgtype)
FAILS(ldap_parse_result)
FAILS(ldap_parse_sasl_bind_result)
FAILS(ldap_pvt_url_scheme2proto)
FAILS(ldap_result)
FAILS(ldap_sasl_bind)
FAILS(ldap_search_ext)
FAILS(ldap_search_st)
FAILS(ldap_set_option)
FAILS(ldap_simple_bind)
FAILS(ldap_start_tls)
FAILS(ldap_unbind)
FAILS(ldap_unbind_ext)
FAILS(ldap_url_parse)
FAILS(ldap_value_free_len)

FAILS(libssh2_agent_connect)
FAILS(libssh2_agent_disconnect)
FAILS(libssh2_agent_free)
FAILS(libssh2_agent_get_identity)
FAILS(libssh2_agent_init)
FAILS(libssh2_agent_list_identities)
FAILS(libssh2_agent_userauth)
FAILS(libssh2_channel_free)
FAILS(libssh2_channel_read_ex)
FAILS(libssh2_channel_send_eof)
FAILS(libssh2_channel_wait_closed)
FAILS(libssh2_channel_wait_eof)
FAILS(libssh2_channel_write_ex)
FAILS(libssh2_hostkey_hash)
FAILS(libssh2_knownhost_add)
FAILS(libssh2_knownhost_checkp)
FAILS(libssh2_knownhost_del)
FAILS(libssh2_knownhost_free)
FAILS(libssh2_knownhost_get)
FAILS(libssh2_knownhost_init)
FAILS(libssh2_knownhost_readfile)
FAILS(libssh2_knownhost_writefile)
FAILS(libssh2_scp_recv2)
FAILS(libssh2_scp_send64)
FAILS(libssh2_session_abstract)
FAILS(libssh2_session_block_directions)
FAILS(libssh2_session_callback_set)
FAILS(libssh2_session_disconnect_ex)
FAILS(libssh2_session_flag)
FAILS(libssh2_session_free)
FAILS(libssh2_session_handshake)
FAILS(libssh2_session_hostkey)
NOTHING(libssh2_session_init_ex)
FAILS(libssh2_session_last_errno)
FAILS(libssh2_session_last_error)
FAILS(libssh2_session_method_pref)
FAILS(libssh2_session_set_blocking)
FAILS(libssh2_sftp_close_handle)
FAILS(libssh2_sftp_init)
FAILS(libssh2_sftp_last_error)
FAILS(libssh2_sftp_mkdir_ex)
FAILS(libssh2_sftp_open_ex)
FAILS(libssh2_sftp_read)
FAILS(libssh2_sftp_readdir_ex)
FAILS(libssh2_sftp_rename_ex)
FAILS(libssh2_sftp_rmdir_ex)
FAILS(libssh2_sftp_seek64)
FAILS(libssh2_sftp_shutdown)
FAILS(libssh2_sftp_stat_ex)
FAILS(libssh2_sftp_statvfs)
FAILS(libssh2_sftp_symlink_ex)
FAILS(libssh2_sftp_unlink_ex)
FAILS(libssh2_sftp_write)
FAILS(libssh2_userauth_authenticated)
FAILS(libssh2_userauth_keyboard_interactive_ex)
FAILS(libssh2_userauth_list)
FAILS(libssh2_userauth_password_ex)
FAILS(libssh2_userauth_publickey_fromfile_ex)

NOTHING(psl_builtin)
NOTHING(psl_free)
NOTHING(psl_is_cookie_domain_acceptable)
NOTHING(psl_latest)

/* Without a version libcurl takes host names as they are. */
NOTHING(idn2_check_version)
NOTHING(idn2_free)
FAILS(idn2_lookup_ul)

/* libzstd's own names; it comes here only with data of before 2016. */
NOTHING(ZBUFFv05_createDCtx)
FAILS(ZBUFFv05_decompressContinue)
FAILS(ZBUFFv05_decompressInitDictionary)
FAILS(ZBUFFv05_freeDCtx)
NOTHING(ZSTDv05_createDCtx)
FAILS(ZSTDv05_decompress_usingDict)
FAILS(ZSTDv05_findFrameSizeInfoLegacy)
FAILS(ZSTDv05_freeDCtx)
FAILS(ZSTDv05_getFrameParams)
NOTHING(ZBUFFv06_createDCtx)
FAILS(ZBUFFv06_decompressContinue)
FAILS(ZBUFFv06_decompressInitDictionary)
FAILS(ZBUFFv06_freeDCtx)
NOTHING(ZSTDv06_createDCtx)
FAILS(ZSTDv06_decompress_usingDict)
FAILS(ZSTDv06_findFrameSizeInfoLegacy)
FAILS(ZSTDv06_freeDCtx)
FAILS(ZSTDv06_getFrameParams)
NOTHING(ZBUFFv07_createDCtx)
FAILS(ZBUFFv07_decompressContinue)
FAILS(ZBUFFv07_decompressInitDictionary)
FAILS(ZBUFFv07_freeDCtx)
NOTHING(ZSTDv07_createDCtx)
FAILS(ZSTDv07_decompress_usingDict)
FAILS(ZSTDv07_findFrameSizeInfoLegacy)
FAILS(ZSTDv07_freeDCtx)
FAILS(ZSTDv07_getFrameParams)
