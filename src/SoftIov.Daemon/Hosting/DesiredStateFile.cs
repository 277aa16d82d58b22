using System.Text.Json;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Linux;

namespace SoftIov.Daemon.Hosting;

/// <summary>
/// Desired state on disk. Written whole to a second file, forced to the disk and renamed, so that a crash leaves the old state or the new
/// one, never a half.
/// </summary>
internal sealed class DesiredStateFile
{
    private const string FileName = "desired.json";

    private readonly string _path;

    /// <summary>Keeps the file in <paramref name="directory"/>, which is made when it is not there.</summary>
    public DesiredStateFile(string directory)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path = Path.Combine(directory, FileName);
    }

    /// <summary>/var/lib/softiov for root, otherwise a directory below $XDG_STATE_HOME.</summary>
    public static string DefaultDirectory
    {
        get
        {
            if (Environment.IsPrivilegedProcess)
            {
                return "/var/lib/softiov";
            }

            string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.Combine(string.IsNullOrEmpty(state) ? Path.Combine(home, ".local", "state") : state, "softiov");
        }
    }

    /// <summary>What was saved last; nothing wanted when there is no file. Throws when the file is damaged.</summary>
    public DesiredState Load()
    {
        if (!File.Exists(_path))
        {
            return DesiredState.Empty;
        }

        DesiredState state;
        try
        {
            using FileStream file = File.OpenRead(_path);
            state = JsonSerializer.Deserialize(file, ControlJson.Default.DesiredState) ?? DesiredState.Empty;
        }
        catch (JsonException error)
        {
            throw ControlException.Because(
                ControlErrorCode.InvalidConfiguration,
                $"{_path} is damaged: {error.Message}",
                "start with --config FILE, or remove the file");
        }

        var errors = new ConfigErrors(_path);
        DesiredStateValidator.Check(state, errors);
        return errors.IsEmpty ? state : throw errors.ToException();
    }

    /// <summary>
    /// Saves; on return the state survives a power cut. What is on disk already is not written again: a daemon starts on a full disk.
    /// </summary>
    public void Save(DesiredState state)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(state, ControlJson.Default.DesiredState);
        if (File.Exists(_path) && File.ReadAllBytes(_path).AsSpan().SequenceEqual(json))
        {
            return;
        }

        string fresh = _path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(fresh, options))
        {
            file.Write(json);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, _path, overwrite: true);
        FileDescriptor.FlushDirectory(Path.GetDirectoryName(_path)!);
    }
}
