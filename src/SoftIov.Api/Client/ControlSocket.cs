namespace SoftIov.Api;

/// <summary>Where daemon and clients meet when nobody says otherwise.</summary>
public static class ControlSocket
{
    /// <summary>Environment variable that names the control socket.</summary>
    public const string Variable = "SOFTIOV_SOCKET";

    /// <summary>Name of the socket in the runtime directory.</summary>
    public const string FileName = "control.sock";

    /// <summary>The control socket: <see cref="Variable"/>, else <see cref="FileName"/> in <see cref="RuntimeDirectory"/>.</summary>
    public static string DefaultPath =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : Path.Combine(RuntimeDirectory, FileName);

    /// <summary>/run/softiov for root, otherwise a directory below $XDG_RUNTIME_DIR, or below the temporary directory.</summary>
    public static string RuntimeDirectory
    {
        get
        {
            if (Environment.IsPrivilegedProcess)
            {
                return "/run/softiov";
            }

            string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return string.IsNullOrEmpty(runtime)
                ? Path.Combine(Path.GetTempPath(), $"softiov-{Environment.UserName}")
                : Path.Combine(runtime, "softiov");
        }
    }
}
