using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Daemon.Hosting;

/// <summary>Users of the host.</summary>
internal static class Users
{
    private const string Database = "/etc/passwd";

    /// <summary>User id of a name or a number; throws when there is no such user.</summary>
    public static uint Find(string nameOrId)
    {
        if (uint.TryParse(nameOrId, NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
        {
            return id;
        }

        foreach (string line in File.ReadLines(Database))
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[0] == nameOrId && uint.TryParse(fields[2], CultureInfo.InvariantCulture, out id))
            {
                return id;
            }
        }

        throw ControlException.Because(
            ControlErrorCode.HostFailure, $"there is no user '{nameOrId}' in {Database}", "name another user, or give the numeric id");
    }
}
