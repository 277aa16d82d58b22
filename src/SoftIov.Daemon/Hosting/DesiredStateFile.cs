using System.Text.Json;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Hosting;

/// <summary>Desired state on disk.</summary>
internal sealed class DesiredStateFile
{
    private const string FileName = "desired.json";

    private readonly string _path;

    /// <summary>Keeps the file in <paramref name="directory"/>, which is made when it is not there.</summary>
    public DesiredStateFile(string directory)
    {
        DurableFile.MakeDirectory(directory);
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

    /// <summary>Saves; on return the state survives a power cut.</summary>
    public void Save(DesiredState state) =>
        DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(state, ControlJson.Default.DesiredState));
}
